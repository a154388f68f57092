/** An example of a class beside a suspect: its picture, and how similar it is. */

import { classLabel, placeText } from './names.mjs';
import { h } from './react.mjs';

/** @param {{one: import('./examples.mjs').Example, evidence: string[], pictureUrl: (id: string) => string}} props `evidence` are ids of the neighbors that the reason counts */
export function ExampleButton({ one: { point, score }, evidence, pictureUrl }) {
  const speaks = evidence.includes(point.id);
  return h('button', {
    className: `example${speaks ? ' is-evidence' : ''}`, 'data-point-id': point.id,
    title: `${classLabel(point.class_name)}, similarity ${score.toFixed(3)}${speaks ? ', counted in the reason' : ''}\n${placeText(point)}`,
  },
  h('img', { src: pictureUrl(point.id), alt: classLabel(point.class_name) }),
  h('span', null, score.toFixed(2)));
}
