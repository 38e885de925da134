import { Page } from './page';
import type { PageData } from './seam';

const data = document.getElementById('data');
const root = document.getElementById('root');
if (data && root) new Page(JSON.parse(data.textContent ?? '') as PageData, root);
