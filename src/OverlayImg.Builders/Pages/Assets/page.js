'use strict';

// Every text of the image is shown with textContent, so that it stays text.

const data = JSON.parse(document.getElementById('data').textContent);

const byId = id => document.getElementById(id);

function make(name, className, ...content) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...content.filter(part => part !== null && part !== undefined && part !== ''));
  return element;
}

function button(className, onClick, ...content) {
  const element = make('button', className, ...content);
  element.type = 'button';
  element.addEventListener('click', onClick);
  return element;
}

function sizeText(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let unit = 0;
  let value = Math.abs(bytes);
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${bytes < 0 ? '−' : ''}${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

const countText = (count, noun, plural) => `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural || noun + 's'}`;

const number = text => make('span', 'number', text);

// Neighbours in this list differ clearly, also for most people who see fewer colours.
const hues = [250, 70, 150, 330, 200, 25, 110, 290, 180, 50];
const hueOf = layer => (hues[layer % hues.length] + 14 * Math.floor(layer / hues.length)) % 360;

function swatch(hue) {
  const element = make('span', 'swatch');
  element.style.setProperty('--hue', hue);
  return element;
}

function card(value, label, isBad) {
  return make('div', isBad ? 'card bad' : 'card', make('b', '', value), make('span', '', label));
}

// The bar of a layer. The length is the size of the layer relative to the largest layer. A part of the bar is the waste.
function sizeBar(size, wasted, largest, hue) {
  const lost = make('span', 'lost');
  lost.style.width = `${size > 0 ? 100 * Math.min(wasted / size, 1) : 0}%`;
  if (wasted > 0) lost.style.minWidth = '3px';
  const fill = make('span', 'fill', lost);
  fill.style.width = `${largest > 0 ? 100 * size / largest : 0}%`;
  fill.style.setProperty('--hue', hue);
  return make('span', 'track', fill);
}

const largestOf = layers => layers.reduce((largest, layer) => Math.max(largest, layer.size), 0);

function layerItem(layer, index, largest, hue, onClick) {
  const stored = layer.compressed ? ` (${sizeText(layer.stored)} stored)` : '';
  const about = layer.entries === undefined ? [] : [countText(layer.entries, 'entry', 'entries')];
  if (layer.whiteouts > 0) about.push(countText(layer.whiteouts, 'whiteout'));
  if (layer.note) about.push(layer.note);
  const sizes = make('span', 'sizes', sizeBar(layer.size, layer.wasted || 0, largest, hue), number(sizeText(layer.size) + stored));
  if (layer.wasted > 0) sizes.append(' · ', make('span', 'wasted number', `${sizeText(layer.wasted)} wasted`));
  const item = button('layer', onClick, swatch(hue), make('span', 'place number', String(index + 1)),
    make('span', 'what', make('code', '', layer.command || `${layer.diffId.slice(0, 19)}…`), make('small', '', about.join(' · '))), sizes);
  item.title = layer.diffId;
  item.setAttribute('aria-pressed', 'false');
  return item;
}

// Shows the first rows of a list, and a button for more of them.
function showRows(target, items, makeRow, step = 10) {
  const list = make('div', 'rows');
  target.replaceChildren(list);
  let shown = 0;
  const more = button('more', add);
  function add() {
    list.append(...items.slice(shown, shown + step).map(makeRow));
    shown = Math.min(shown + step, items.length);
    if (shown < items.length) {
      more.textContent = `Show ${Math.min(5 * step, items.length - shown)} more of ${(items.length - shown).toLocaleString('en-US')}`;
      target.append(more);
    } else {
      more.remove();
    }
    step = Math.min(5 * step, 500);
  }
  add();
}

function showFields(target, fields, omitted) {
  for (const [name, value] of fields) target.append(make('dt', '', name), make('dd', '', make('code', '', value)));
  if (fields.length === 0) target.append(make('dt', '', 'empty'), make('dd', ''));
  if (omitted > 0) target.append(make('dt', '', 'left out'), make('dd', '', countText(omitted, 'field')));
}

function boundsText() {
  const { directory, all } = data.bounds;
  const rule = `The map and the search have at most the ${directory.toLocaleString('en-US')} largest entries of each directory, ` +
    `and at most ${all.toLocaleString('en-US')} entries in all`;
  return data.omittedFiles > 0 ? `${rule}: ${countText(data.omittedFiles, 'file')} left out.` : `${rule}: nothing is left out.`;
}
