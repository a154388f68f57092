/** Ids of the components that Python lays out and scripts use. A test checks that the layout has every one of them. */

export const COMPONENT = {
  selected: 'store-selected',
  view: 'store-view',
  reviews: 'store-reviews',
  mapHost: 'map-host',
  mapHover: 'map-hover',
  mapStatus: 'map-status',
  mapLive: 'map-live',
  mapLost: 'map-lost',
  legendRamp: 'legend-ramp',
  legendRampNote: 'legend-ramp-note',
  dockHost: 'dock-host',
  dockBar: 'dock-bar',
  dockSelection: 'dock-selection',
  selection: 'selection',
  verdictMessage: 'verdict-message',
  reviewBar: 'review-bar',
  reviewer: 'reviewer',
  pointVerdict: 'point-verdict',
  otherClass: 'point-other-class',
};
