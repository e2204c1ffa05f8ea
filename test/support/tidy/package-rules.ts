// The supply chain, as far as two files of JSON can hold it: exact versions, few packages, no host names, and
// install scripts for exactly those packages that were approved.

import type { Violations } from './source-file.ts';

const runtimePackagesMax = 85;

export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export function checkExactVersions(manifest: Manifest): Violations {
  const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  return all
    .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    .map(([name, version]) => `package.json asks for ${name} ${version}: name one version`);
}

export function checkRuntimeBudget(lockfile: Lockfile): Violations {
  const count = installed(lockfile).filter(
    ([, entry]) => !isForDevelopment(entry) && entry.optional !== true,
  ).length;
  if (count <= runtimePackagesMax) return [];
  return [`package-lock.json holds ${count} runtime packages, more than ${runtimePackagesMax}`];
}

export function checkNoHosts(lockfile: Lockfile): Violations {
  return installed(lockfile)
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([path]) => `package-lock.json names the host that ${path} came from`);
}

/** Optional development packages are left out: file watchers that install on one other platform only. */
export function checkInstallScripts(manifest: Manifest, lockfile: Lockfile): Violations {
  const withScripts = installed(lockfile)
    .filter(
      ([, entry]) => entry.hasInstallScript === true && !(isForDevelopment(entry) && entry.optional === true),
    )
    .map(([path]) => path.split('node_modules/').at(-1) ?? path);
  const approved = Object.keys(manifest.allowScripts);
  return [
    ...withScripts
      .filter((name) => !approved.includes(name))
      .map((name) => `${name} wants to run an install script`),
    ...approved
      .filter((name) => !withScripts.includes(name))
      .map((name) => `allowScripts names ${name} in vain`),
  ];
}

function installed(lockfile: Lockfile): readonly (readonly [string, LockedPackage])[] {
  return Object.entries(lockfile.packages).filter(([path]) => path !== '');
}

function isForDevelopment(entry: LockedPackage): boolean {
  return entry.dev === true || entry.devOptional === true;
}
