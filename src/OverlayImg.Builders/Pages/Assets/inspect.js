let chosenLayer = null;

const marks = { l: 'symbolic link', h: 'further name of a file that counts elsewhere', s: 'device, pipe or socket' };

function describe(node) {
  if (!node) return [];
  if (node.isRest) return [node.name, make('span', '', `${sizeText(node.size)} · too many files for this page`)];
  const path = make('span', 'path', pathOf(node));
  path.style.color = 'inherit';
  const about = [sizeText(node.size)];
  if (node.isDirectory) about.push(countText(node.files, 'file'));
  else about.push(marks[node.mark] || `layer ${node.tone + 1}`);
  if (node.isDirectory && node.omittedFiles > 0) about.push(`${node.omittedFiles.toLocaleString('en-US')} of them left out of this page`);
  const command = !node.isDirectory && data.layers[node.tone] && data.layers[node.tone].command;
  if (command) about.push(command.length > 160 ? command.slice(0, 160) + '…' : command);
  return [path, make('span', '', about.join(' · '))];
}

const map = new Treemap(byId('map'), byId('crumbs'), byId('detail'), { hue: hueOf, describe });

// Opens the directory that a path is in, and selects the file. A file that the page left out has no place in the map.
function reveal(path) {
  let at = nodes[0];
  for (const name of path.split('/').slice(1)) {
    const next = at.children.find(child => child.name === name);
    if (!next) break;
    at = next;
  }
  map.enter(at.isDirectory ? at : nodes[at.parent], at.isDirectory ? null : at);
  byId('files-title').scrollIntoView({ block: 'start' });
  map.describe(at);
}

function chooseLayer(index) {
  chosenLayer = chosenLayer === index ? null : index;
  byId('layers').querySelectorAll('.layer').forEach((item, place) => item.setAttribute('aria-pressed', String(place === chosenLayer)));
  map.filter(node => chosenLayer === null || node.tone === chosenLayer);
}

function fileRow(path, size, layer, about) {
  const left = make('span', '', make('span', 'path', path), about ? make('small', '', about) : '');
  const row = button('row', () => reveal(path), swatch(hueOf(layer)), left, number(sizeText(size)));
  row.title = `layer ${layer + 1}`;
  return row;
}

const wastedStory = (layer, goneBy, isDeleted) => `layer ${layer + 1}, ${isDeleted ? 'deleted' : 'overwritten'} by layer ${goneBy + 1}`;

function find(text) {
  const most = 100;
  const found = [];
  if (text === '') return { rows: [], count: 0, most };
  for (const node of nodes) {
    if (node.parent < 0 || !(node.lower ??= pathOf(node).toLowerCase()).includes(text)) continue;
    found.push([pathOf(node), node.size, node.tone, node.isDirectory ? countText(node.files, 'file') : marks[node.mark] || `layer ${node.tone + 1}`]);
  }
  for (const [path, size, layer, goneBy, isDeleted] of data.wasted) {
    if (path.toLowerCase().includes(text)) found.push([path, size, layer, `wasted: ${wastedStory(layer, goneBy, isDeleted)}`]);
  }
  found.sort((one, other) => other[1] - one[1]);
  return { rows: found.slice(0, most).map(row => fileRow(...row)), count: found.length, most };
}

function show() {
  byId('name').textContent = data.name;
  byId('facts').append(...[data.platform, countText(data.layers.length, 'layer'), `ID ${data.id.slice(7, 19)}`].map(fact => make('span', '', fact)));
  byId('facts').lastChild.title = data.id;
  byId('cards').append(
    card(sizeText(data.stored), 'stored'),
    card(sizeText(data.size), 'unpacked layers'),
    card(sizeText(data.fileBytes), `in ${countText(nodes[0].files, 'file')} of a container`),
    card(sizeText(data.wastedBytes), `wasted, ${data.wastedPercent} %`, data.wastedPercent >= 5));
  const largest = largestOf(data.layers);
  byId('layers').append(...data.layers.map((layer, index) => make('li', '', layerItem(layer, index, largest, hueOf(index), () => chooseLayer(index)))));
  showRows(byId('largest'), data.largest, ([path, size, layer]) => fileRow(path, size, layer, `layer ${layer + 1}`));
  byId('wasted-note').textContent = data.wastedFiles === 0 ? 'No layer overwrites or deletes a file of a layer below.'
    : `${countText(data.wastedFiles, 'file')}, ${sizeText(data.wastedBytes)} in all` +
      (data.wastedFiles > data.wasted.length ? `; the ${data.wasted.length.toLocaleString('en-US')} largest:` : '.');
  showRows(byId('wasted'), data.wasted,
    ([path, size, layer, goneBy, isDeleted]) => fileRow(path, size, layer, wastedStory(layer, goneBy, isDeleted)));
  showFields(byId('config'), data.config, data.omittedFields);
  byId('bounds').textContent = boundsText();
  searchField(byId('search'), byId('hits'), find);
}

show();
