const kinds = ['added', 'removed', 'changed'];
const hueOfChange = kind => [150, 25, 75][kind];

const chosen = { kind: null, layer: null, text: '' };

const signed = bytes => bytes === 0 ? '±0' : bytes > 0 ? `+${sizeText(bytes)}` : sizeText(bytes);

function describe(node) {
  if (node.isRest) return [node.name, make('span', '', `${sizeText(node.size)} · too many files for this page`)];
  const about = [sizeText(node.size)];
  if (node.isDirectory) about.push(`${countText(node.files, 'file')} of the changes`);
  else about.push(kinds[node.tone]);
  return [make('span', 'path', pathOf(node)), make('span', '', about.join(' · '))];
}

const map = new Treemap(byId('map'), byId('crumbs'), byId('detail'), { hue: hueOfChange, describe });

function showSide(name) {
  const side = data[name];
  byId(`${name}-title`).textContent = side.name;
  byId(`${name}-facts`).append(...[side.platform, `${sizeText(side.fileBytes)} of files`, `ID ${side.id.slice(7, 19)}`].map(fact => make('span', '', fact)));
  byId(`${name}-facts`).lastChild.title = side.id;
  const largest = largestOf([...data.first.layers, ...data.second.layers]);
  byId(`${name}-layers`).append(...side.layers.map((layer, index) => {
    const note = [layer.common ? 'the same in both images' : 'only in this image'];
    if (layer.paths > 0) note.push(`${countText(layer.paths, 'path')} of the differences`);
    const item = layerItem({ ...layer, note: note.join(' · ') }, index, largest, hueOf(0), () => chooseLayer(name, index));
    item.classList.toggle('common', layer.common);
    return make('li', '', item);
  }));
}

function chooseLayer(name, index) {
  const isSame = chosen.layer && chosen.layer.name === name && chosen.layer.index === index;
  chosen.layer = isSame ? null : { name, index };
  for (const side of ['first', 'second']) {
    byId(`${side}-layers`).querySelectorAll('.layer').forEach((item, place) =>
      item.setAttribute('aria-pressed', String(chosen.layer !== null && chosen.layer.name === side && chosen.layer.index === place)));
  }
  showPaths();
}

function showChips() {
  const all = data.totals.reduce((sum, [count]) => sum + count, 0);
  const chips = [[null, 'all', all], ...kinds.map((kind, index) => [index, kind, data.totals[index][0]])];
  byId('chips').replaceChildren(...chips.map(([kind, name, count]) => {
    const dot = kind === null ? '' : make('span', `dot ${name}`);
    const chip = button('chip', () => {
      chosen.kind = kind;
      showChips();
      showPaths();
    }, dot, `${name} ${count.toLocaleString('en-US')}`);
    chip.setAttribute('aria-pressed', String(chosen.kind === kind));
    return chip;
  }));
}

// The size and the layer of a file in one of the images, or a dash for no file: the first lines of a cell.
function occurrence(isThere, size, layer) {
  if (!isThere) return [make('span', 'none', '—')];
  const parts = [];
  if (size !== null) parts.push(sizeText(size));
  if (layer !== null) parts.push(`layer ${layer + 1}`);
  return [make('span', 'number', parts.join(' · ') || 'there')];
}

function cell(label, ...content) {
  const element = make('td', '', ...content);
  element.dataset.label = label;
  return element;
}

function aspectLines(aspects, side) {
  return aspects.map(aspect => {
    const value = aspect[side] === null ? '(none)' : aspect[side];
    const line = make('small', '', `${aspect[0]}: ${aspect[0] === 'content' ? value.slice(0, 19) + '…' : value}`);
    line.title = value;
    return line;
  });
}

function pathRow([path, kind, firstSize, secondSize, firstLayer, secondLayer, aspects, moreAspects]) {
  const name = make('td', 'what', make('span', `dot ${kinds[kind]}`), make('span', 'path', path), make('small', '', kinds[kind]));
  if (moreAspects > 0) name.append(make('small', '', `and ${countText(moreAspects, 'more difference')}`));
  const texts = aspects.filter(aspect => aspect[0] !== 'size');
  const delta = (secondSize || 0) - (firstSize || 0);
  const size = cell('size', number(firstSize === null && secondSize === null ? '' : signed(delta)));
  size.className = 'delta';
  return make('tr', '', name,
    cell('first', ...occurrence(kind !== 0, firstSize, firstLayer), ...aspectLines(texts, 1)),
    cell('second', ...occurrence(kind !== 1, secondSize, secondLayer), ...aspectLines(texts, 2)), size);
}

function isShown([path, kind, , , firstLayer, secondLayer]) {
  if (chosen.kind !== null && kind !== chosen.kind) return false;
  if (chosen.layer && chosen.layer.index !== (chosen.layer.name === 'first' ? firstLayer : secondLayer)) return false;
  return path.toLowerCase().includes(chosen.text);
}

function showPaths() {
  const paths = data.paths.filter(isShown);
  const notes = [];
  if (chosen.layer) notes.push(`Only paths of layer ${chosen.layer.index + 1} of the ${chosen.layer.name} image.`);
  if (data.omittedPaths > 0) notes.push(`The list has the ${data.paths.length.toLocaleString('en-US')} largest; ${countText(data.omittedPaths, 'path')} left out.`);
  if (paths.length === 0) notes.push(data.paths.length === 0 ? 'No path differs.' : 'No path fits.');
  byId('paths-note').textContent = notes.join(' ');
  byId('paths').replaceChildren();
  let shown = 0;
  const add = step => {
    byId('paths').append(...paths.slice(shown, shown + step).map(pathRow));
    shown = Math.min(shown + step, paths.length);
    const rest = paths.length - shown;
    byId('more-paths').replaceChildren(...(rest === 0 ? []
      : [button('more', () => add(500), `Show ${Math.min(500, rest)} more of ${rest.toLocaleString('en-US')}`)]));
  };
  add(50);
}

function showFieldTable() {
  byId('fields').append(...data.fields.map(([field, first, second]) => make('tr', '', make('td', 'field', field),
    ...[['first', first], ['second', second]].map(([label, value]) =>
      cell(label, value === null ? make('span', 'none', '—') : make('code', '', value))))));
  if (data.fields.length === 0) byId('fields-note').textContent = 'The names and configs are equal.';
  if (data.omittedFields > 0) byId('fields-note').textContent = `${countText(data.omittedFields, 'field')} left out.`;
}

function show() {
  byId('name').append(data.first.name, make('span', 'none', ' → '), data.second.name);
  const isEqual = data.fields.length === 0 && data.paths.length === 0;
  const count = data.totals.reduce((sum, [paths]) => sum + paths, 0);
  const fields = data.fields.length + data.omittedFields;
  byId('facts').append(isEqual ? 'The images are equal.' : `${countText(count, 'path')} and ${countText(fields, 'field')} of the configs differ.`);
  byId('cards').append(
    ...kinds.map((kind, index) => card(data.totals[index][0].toLocaleString('en-US'), `${kind}, ${signed(data.totals[index][1])}`)),
    card(signed(data.second.fileBytes - data.first.fileBytes), 'of files in all'));
  showSide('first');
  showSide('second');
  showChips();
  showPaths();
  showFieldTable();
  byId('search').addEventListener('input', () => {
    chosen.text = byId('search').value.trim().toLowerCase();
    showPaths();
  });
  byId('bounds').textContent = `${boundsText()} The list has at most the ${data.maximumPaths.toLocaleString('en-US')} largest paths.`;
}

show();
