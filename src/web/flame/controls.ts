// Search, and the choice of what is drawn and how.
import { button, make, setAttribute, write } from '../cards/parts';
import type { PhaseChoice } from './tree';
import { PHASES } from './words';

export interface Choices {
  search: string;
  isRegex: boolean;
  phase: PhaseChoice;
  thread: number;
  isIcicle: boolean;
  isReversed: boolean;
}

export const FIRST_CHOICES: Choices = {
  search: '', isRegex: false, phase: 'all', thread: -1, isIcicle: true, isReversed: false,
};

function choice(label: string, options: readonly (readonly [string, string])[], onChange: (value: string) => void): HTMLSelectElement {
  const element = make('select', '', ...options.map(([value, text]) => {
    const option = make('option', '', text);
    option.value = value;
    return option;
  }));
  element.setAttribute('aria-label', label);
  element.addEventListener('change', () => onChange(element.value));
  return element;
}

export class Controls {
  readonly element: HTMLElement;
  readonly search = make('input', 'search');
  choices: Choices = { ...FIRST_CHOICES };
  private readonly regex = make('input', '');
  private readonly answer = make('output', 'answer');
  private readonly phase: HTMLSelectElement;
  private readonly thread: HTMLSelectElement;
  private readonly icicle: HTMLButtonElement;
  private readonly reverse: HTMLButtonElement;
  private readonly chips = make('div', 'chips');

  constructor(
    threads: readonly (readonly [string, string])[],
    private readonly changed: (what: 'search' | 'tree' | 'looks') => void,
    onFound: (direction: 1 | -1) => void,
  ) {
    this.search.type = 'search';
    this.search.placeholder = 'Search functions and modules';
    this.search.setAttribute('aria-label', 'Search functions and modules');
    this.search.setAttribute('aria-describedby', 'answer');
    this.search.addEventListener('input', () => this.set({ search: this.search.value }, 'search'));
    this.search.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') onFound(event.shiftKey ? -1 : 1);
    });
    this.regex.type = 'checkbox';
    this.regex.addEventListener('change', () => this.set({ isRegex: this.regex.checked }, 'search'));
    this.answer.id = 'answer';
    this.answer.setAttribute('role', 'status');
    this.phase = choice('Phase', Object.entries(PHASES), (value) => this.set({ phase: value as PhaseChoice }, 'tree'));
    this.thread = choice('Thread', [['-1', 'all threads'], ...threads], (value) => this.set({ thread: Number(value) }, 'tree'));
    this.icicle = button('', () => this.turn());
    this.reverse = button('Reverse', () => this.set({ isReversed: !this.choices.isReversed }, 'tree'));
    this.reverse.title = 'from what ran up to who called it';
    this.element = make('section', 'controls',
      make('div', 'searching', this.search, make('label', 'regex', this.regex, ' regex'), this.answer),
      make('div', 'choosing', this.phase, this.thread, this.icicle, this.reverse), this.chips);
    this.element.setAttribute('aria-label', 'What is drawn');
    this.show();
  }

  set(choices: Partial<Choices>, what: 'search' | 'tree' | 'looks'): void {
    Object.assign(this.choices, choices);
    this.show();
    this.changed(what);
  }

  turn(): void {
    this.set({ isIcicle: !this.choices.isIcicle }, 'looks');
  }

  private show(): void {
    const { search, isRegex, phase, thread, isIcicle, isReversed } = this.choices;
    if (this.search.value !== search) this.search.value = search;
    this.regex.checked = isRegex;
    this.phase.value = phase;
    this.thread.value = String(thread);
    write(this.icicle, isIcicle ? 'Root on top' : 'Root below');
    this.icicle.title = isIcicle ? 'turn it into a flame' : 'turn it into an icicle';
    setAttribute(this.reverse, 'aria-pressed', String(isReversed));
  }

  say(text: string, isProblem: boolean): void {
    write(this.answer, text);
    setAttribute(this.answer, 'data-problem', String(isProblem));
    setAttribute(this.search, 'aria-invalid', String(isProblem));
  }

  // What is left out or begun with; each goes by a press.
  setChips(chips: readonly { text: string; remove: () => void }[]): void {
    this.chips.replaceChildren(...chips.map(({ text, remove }) => {
      const chip = button(`${text} ✕`, remove, 'chip');
      chip.setAttribute('aria-label', `${text}: take this back`);
      return chip;
    }));
  }
}
