/** Ids of the components that Python lays out and scripts use. A test checks that the layout has every one of them. */

export const COMPONENT = {
  choice: 'store-choice',
  selected: 'store-selected',
  view: 'store-view',
  order: 'store-order',
  mapHost: 'map-host',
  mapHover: 'map-hover',
  mapStatus: 'map-status',
  mapLive: 'map-live',
  legendRamp: 'legend-ramp',
  legendRampNote: 'legend-ramp-note',
  dockHost: 'dock-host',
  dockBar: 'dock-bar',
  dockSuspects: 'dock-suspects',
  dockSelection: 'dock-selection',
  reviewer: 'reviewer',
  selection: 'selection',
  suspectsPage: 'suspects-page',
  suspectsList: 'suspects-list',
  verdictMessage: 'verdict-message',
  otherClass: 'point-other-class',
};
