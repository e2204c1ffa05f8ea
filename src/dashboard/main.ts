// Entry of the page: starts the bench and wires the two buttons.
// Never controls anything: the page is read-only.
import { Bench } from './bench.ts';

/** Ages are shown in tenths of a second at first; four times a second is enough for the eye. */
const REFRESH_MS = 250;

const bench = new Bench(`ws://${window.location.host}/stream`);
bench.start();
window.setInterval(() => bench.refresh(), REFRESH_MS);

const buttons = [...document.querySelectorAll<HTMLButtonElement>('button[data-span]')];
for (const button of buttons) {
  button.addEventListener('click', () => {
    bench.showSpan(button.dataset['span'] === 'whole' ? 'whole' : 'recent');
    for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
  });
}
