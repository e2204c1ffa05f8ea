// The built dashboard, read once into memory and served from there, so that no request ever names a file.
// Never follows anything outside its folder: what is not listed at the start does not exist.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** Its name holds a hash of its content. */
  readonly isImmutable: boolean;
}

/** By URL path. */
export type Assets = ReadonlyMap<string, Asset>;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const NOT_BUILT =
  'The dashboard is not built: run npm run build. The stream at /stream works all the same.\n';

/** Files of kinds that a page is made of; `/` is `index.html`, or a notice where the page was not built. */
export function loadAssets(folder: string): Assets {
  const assets = new Map<string, Asset>();
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  for (const name of names) {
    const path = join(folder, name);
    const contentType = CONTENT_TYPES[extname(name)];
    if (contentType === undefined || !statSync(path).isFile()) continue;
    const url = `/${relative(folder, path).split(sep).join('/')}`;
    assets.set(url, {
      body: new Uint8Array(readFileSync(path)),
      contentType,
      isImmutable: url.startsWith('/assets/'),
    });
  }
  assets.set('/', assets.get('/index.html') ?? notice(NOT_BUILT));
  return assets;
}

function notice(text: string): Asset {
  const body = new TextEncoder().encode(text);
  return { body, contentType: 'text/plain; charset=utf-8', isImmutable: false };
}
