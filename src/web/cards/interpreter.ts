// What the interpreter does: totals since its start, and how fast they rise.
import { lineChart } from '../charts';
import { count, perSecond, written } from '../data/format';
import { whyMissing } from '../data/why';
import type { Card, Frame } from './frame';
import { make, NumberTable } from './parts';

const COUNTERS = [
  ['evals', 'evals_total', 'Evaluations', 'valk_eval_total'],
  ['function_calls', 'function_calls', 'Calls of functions', 'valk_function_calls_total'],
  ['builtin_calls', 'builtin_calls', 'Calls of builtins', 'valk_builtin_calls_total'],
  ['closures_created', 'closures_created', 'Closures made', 'valk_closures_created_total'],
  ['env_lookups', 'env_lookups', 'Look-ups of names', 'valk_env_lookups_total'],
] as const;

export class InterpreterCard implements Card {
  readonly element: HTMLElement;
  private readonly table = new NumberTable('What was evaluated', ['', 'Since its start', 'A second, mean of 60 s']);
  private readonly chart = lineChart({ title: 'Evaluations and calls', unit: perSecond });

  constructor() {
    this.element = make('div', 'two', this.table.element, this.chart.element);
  }

  update({ scene, marks }: Frame): void {
    const interpreter = scene.document.vm_metrics?.interpreter ?? {};
    for (const [column, place, name, family] of COUNTERS) {
      const total = interpreter[place] ?? null;
      this.table.set(column, name, [
        total === null ? `– ${whyMissing(scene.document, family)}` : count.format(total), written(scene.meanRate(column), perSecond),
      ]);
    }
    const depth = interpreter['stack_depth_max'] ?? null;
    this.table.set('depth', 'Deepest stack', [
      depth === null ? `– ${whyMissing(scene.document, 'valk_stack_depth_max')}` : count.format(depth), 'a high-water mark',
    ]);
    this.chart.update(scene.x, [
      { label: 'evals', values: scene.rate('evals'), tone: 'tone-a' },
      { label: 'builtins', values: scene.rate('builtin_calls'), tone: 'tone-c', dash: [6, 3] },
      { label: 'calls', values: scene.rate('function_calls'), tone: 'tone-b', dash: [2, 3] },
    ], marks, scene.range);
  }

  redraw(): void {
    this.chart.redraw();
  }

  destroy(): void {
    this.chart.destroy();
  }
}
