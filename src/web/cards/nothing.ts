// What the page says where no process is watched.
import { make } from './parts';

export function whyNothing(): Node[] {
  return [
    make('strong', '', 'No process is watched. '),
    document.createTextNode('The exporter looks for processes that have the probes or are a runtime that it knows, or for those of its '
      + '--pid, --exe or --name, and shows them here as soon as they start. Whether this machine and a process can be watched is told by '),
    make('code', '', 'valkyria_exporter doctor --pid PID'),
    document.createTextNode('.'),
  ];
}
