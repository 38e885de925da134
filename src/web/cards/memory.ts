// What the page remembers of its user, where the browser lets it.
const PREFIX = 'valkyria.dashboard.';

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Private windows and full disks: then it is forgotten with the tab.
  }
}
