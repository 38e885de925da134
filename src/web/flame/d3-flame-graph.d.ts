// The part of the library that is used here; it comes without types.
declare module 'd3-flame-graph' {
  // A place of the picture: d3-hierarchy's node, of our data.
  export interface Place<Data> {
    data: Data;
    parent: Place<Data> | null;
    children?: Place<Data>[];
    each(visit: (place: Place<Data>) => void): void;
  }
  export interface FlameGraph<Data> {
    (selection: unknown): void;
    width(pixels: number): FlameGraph<Data>;
    height(pixels: number | null): FlameGraph<Data>;
    cellHeight(pixels: number): FlameGraph<Data>;
    minFrameSize(pixels: number): FlameGraph<Data>;
    transitionDuration(ms: number): FlameGraph<Data>;
    inverted(isRootOnTop: boolean): FlameGraph<Data>;
    sort(compare: (a: Place<Data>, b: Place<Data>) => number): FlameGraph<Data>;
    getName(name: (place: Place<Data>) => string): FlameGraph<Data>;
    label(text: (place: Place<Data>) => string): FlameGraph<Data>;
    setColorMapper(colour: (place: Place<Data>) => string): FlameGraph<Data>;
    setDetailsHandler(handler: () => void): FlameGraph<Data>;
    onHover(handler: (place: Place<Data>) => void): FlameGraph<Data>;
    onClick(handler: (place: Place<Data>) => void): FlameGraph<Data>;
    zoomTo(place: Place<Data>): void;
    update(data?: Data): FlameGraph<Data>;
  }
  export default function flamegraph<Data>(): FlameGraph<Data>;
}

declare module 'd3-selection' {
  export function select(element: Element): { datum(data: unknown): unknown };
}
