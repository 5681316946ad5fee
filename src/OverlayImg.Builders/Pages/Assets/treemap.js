// A squarified treemap (Bruls, Huizing, van Wijk, 2000) of the tree in the page's data.

const nodes = data.tree.map(([parent, name, size, tone, rest, omittedFiles, omittedBytes], index) => ({
  index, parent, name, size, tone, children: [],
  isDirectory: typeof rest === 'number',
  files: typeof rest === 'number' ? rest : 1,
  mark: typeof rest === 'number' ? '' : rest,
  omittedFiles: omittedFiles || 0,
  omittedBytes: omittedBytes || 0,
}));
for (const node of nodes.slice(1)) nodes[node.parent].children.push(node);

function pathOf(node) {
  const names = [];
  for (let at = node; at.parent >= 0; at = nodes[at.parent]) names.unshift(at.name);
  return '/' + names.join('/');
}

// Divides a rectangle among items, which come largest first; each place is [item, x, y, width, height].
function squarify(items, x, y, width, height) {
  const places = [];
  let left = items.reduce((sum, item) => sum + item.size, 0);
  let at = 0;
  while (at < items.length && left > 0 && width > 0 && height > 0) {
    const side = Math.min(width, height);
    const scale = width * height / left;
    let count = 0;
    let sum = 0;
    let worst = Infinity;
    while (at + count < items.length) {
      const next = sum + items[at + count].size;
      const depth = next * scale / side;
      const ratio = Math.max(...[items[at].size, items[at + count].size].map(size => {
        const length = size * scale / depth;
        return Math.max(length / depth, depth / length);
      }));
      if (ratio > worst) break;
      worst = ratio;
      sum = next;
      count++;
    }
    const depth = sum * scale / side;
    let offset = 0;
    for (const item of items.slice(at, at + count)) {
      const length = side * item.size / sum;
      places.push(width >= height ? [item, x, y + offset, depth, length] : [item, x + offset, y, length, depth]);
      offset += length;
    }
    if (width >= height) [x, width] = [x + depth, width - depth];
    else [y, height] = [y + depth, height - depth];
    left -= sum;
    at += count;
  }
  return places;
}

// Draws the tree in an element. The options: hue(tone), describe(node) for the line below the map, and onMove(node).
class Treemap {
  constructor(element, crumbs, detail, options) {
    Object.assign(this, { element, crumbs, detail, options, root: nodes[0], tiles: [], isShown: () => true });
    element.addEventListener('click', event => this.open(this.nodeAt(event.target)));
    element.addEventListener('pointerover', event => this.describe(this.nodeAt(event.target)));
    element.addEventListener('pointerleave', () => this.describe(null));
    element.addEventListener('focusin', event => this.describe(this.nodeAt(event.target)));
    element.addEventListener('keydown', event => this.press(event));
    let width = 0;
    new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      this.draw();
    }).observe(element);
  }

  nodeAt(target) {
    const tile = target.closest('.tile');
    return tile ? this.tiles.find(drawn => drawn.element === tile).node : null;
  }

  open(node) {
    if (!node) return;
    if (node.isDirectory && node !== this.root) this.enter(node);
    else this.describe(node);
  }

  enter(node, selected) {
    const from = this.root;
    this.root = node;
    this.draw();
    const target = this.tiles.find(drawn => drawn.node === (selected || from)) || this.tiles[0];
    if (target && (selected || this.element.contains(document.activeElement) || document.activeElement === document.body)) {
      this.focus(target.element);
    }
    this.describe(selected || null);
  }

  // Fades the tiles for which isShown(node) is false.
  filter(isShown) {
    this.isShown = isShown;
    for (const { element, node } of this.tiles) {
      element.classList.toggle('faded', element.classList.contains('folder') ? false : !isShown(node));
    }
  }

  describe(node) {
    this.detail.replaceChildren(...this.options.describe(node || this.root));
  }

  focus(element) {
    for (const tile of this.tiles) tile.element.tabIndex = -1;
    element.tabIndex = 0;
    element.focus({ preventScroll: true });
  }

  press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if ((event.key === 'Escape' || event.key === 'Backspace') && this.root.parent >= 0) {
      event.preventDefault();
      this.enter(nodes[this.root.parent]);
      return;
    }
    const current = this.tiles.find(tile => tile.element === document.activeElement);
    const target = current && this.neighbour(current.node, event.key);
    if (!target) return;
    event.preventDefault();
    this.focus(target.element);
  }

  // The arrow keys walk the tree: left and right go through the entries of a directory by size, down enters a directory, and up leaves it.
  neighbour(node, key) {
    if (key === 'ArrowDown') return this.tiles.find(tile => tile.node.parent === node.index);
    if (key === 'ArrowUp') return this.tiles.find(tile => tile.node.index === node.parent);
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return null;
    const siblings = this.tiles.filter(tile => tile.node.parent === node.parent);
    return siblings[siblings.findIndex(tile => tile.node === node) + (key === 'ArrowRight' ? 1 : -1)];
  }

  draw() {
    const most = 1800;
    this.tiles = [];
    const fragment = document.createDocumentFragment();
    const pending = [[this.root, 0, 0, this.element.clientWidth, this.element.clientHeight, false]];
    // Breadth first, so that the limit on the number of tiles leaves out the deepest files.
    for (let at = 0; at < pending.length && this.tiles.length < most; at++) {
      const [directory, x, y, width, height, isOdd] = pending[at];
      const items = directory.children.filter(child => child.size > 0);
      if (directory.omittedBytes > 0) {
        const rest = { index: -1, parent: directory.index, name: countText(directory.omittedFiles, 'more file'), size: directory.omittedBytes,
          tone: 0, children: [], isDirectory: false, isRest: true, files: directory.omittedFiles, mark: '' };
        items.push(rest);
        items.sort((one, other) => other.size - one.size);
      }
      for (const [node, left, top, wide, high] of squarify(items, x, y, width, height)) {
        if (wide < 3 || high < 3) continue;
        const isOpen = node.isDirectory && wide > 46 && high > 40 && node.children.length > 0;
        const tile = this.tile(node, left, top, wide, high, isOpen);
        tile.classList.toggle('odd', isOpen && isOdd);
        fragment.append(tile);
        if (isOpen) pending.push([node, left + 3, top + 19, wide - 6, high - 22, !isOdd]);
      }
    }
    if (this.tiles.length === 0) fragment.append(make('p', 'empty', 'Nothing here has a size.'));
    else this.tiles[0].element.tabIndex = 0;
    this.element.replaceChildren(fragment);
    this.filter(this.isShown);
    this.describe(null);
    this.drawCrumbs();
  }

  tile(node, left, top, wide, high, isOpen) {
    const element = make('div', `tile${isOpen ? ' folder' : node.isDirectory ? ' closed' : node.isRest ? ' rest' : ''}`);
    element.tabIndex = -1;
    element.setAttribute('role', 'button');
    element.setAttribute('aria-label', `${node.isRest ? node.name : pathOf(node)}, ${sizeText(node.size)}`);
    Object.assign(element.style, { left: `${left}px`, top: `${top}px`, width: `${wide}px`, height: `${high}px` });
    element.style.setProperty('--hue', this.options.hue(node.tone));
    if (wide > 34 && high > 16) element.append(node.isDirectory ? `${node.name}/` : node.name);
    if (isOpen && wide > 150) element.append(make('span', '', ` ${sizeText(node.size)}`));
    if (!isOpen && wide > 44 && high > 34) element.append(make('small', '', sizeText(node.size)));
    if (wide <= 34 || high <= 16) element.style.padding = '0';
    element.addEventListener('keydown', event => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      this.open(node);
    });
    this.tiles.push({ element, node });
    return element;
  }

  drawCrumbs() {
    const steps = [];
    for (let node = this.root; node; node = node.parent >= 0 ? nodes[node.parent] : null) steps.unshift(node);
    this.crumbs.replaceChildren(...steps.flatMap((node, place) => {
      const step = button('', () => this.enter(node), place === 0 ? '/ all files' : node.name);
      if (node === this.root) step.setAttribute('aria-current', 'true');
      return place > 1 ? [make('span', '', '/'), step] : [step];
    }));
  }
}

// The list of search results below a search field. toRows(text) gives rows for a text in lower case, at most `most` of them.
function searchField(input, hits, find) {
  let timer = 0;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const text = input.value.trim().toLowerCase();
      hits.hidden = text === '';
      const { rows, count, most } = find(text);
      const note = count === 0 ? 'No file has this in its path.' : count > most ? `${count.toLocaleString('en-US')} hits, the first ${most}:` : '';
      hits.replaceChildren(make('p', '', note), make('div', 'rows', ...rows));
      hits.firstChild.hidden = note === '';
    }, 80);
  });
}
