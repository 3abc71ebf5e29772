/** What a service measures of itself, for Prometheus. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { PhotoQueue } from './queue.ts';

/** With more labels than these the share of each is not counted: a time series each would be too many. */
const mostLabels = 200;

/** Seconds; the network of the package takes 10 ms, a photo of 12 megapixels as long again to decode. */
const short = [0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** An answer, as drift is measured on it. */
export interface Counted {
  readonly model: string;
  readonly version: string;
  readonly label: string;
  /** How many labels the classifier has. */
  readonly labels: number;
  /** Null where it is unknown, or has no label; undefined for one class. */
  readonly probability: number | null | undefined;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'route' | 'status'>;
  readonly #seconds: Histogram<'route'>;
  readonly #decode: Histogram;
  readonly #network: Histogram<'model'>;
  readonly #answers: Counter<'model' | 'version' | 'label'>;
  readonly #probability: Histogram<'model'>;
  readonly #failures: Counter<'code'>;

  constructor(queue: PhotoQueue) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    const name = (end: string) => `carafe_${end}`;
    this.#requests = new Counter({
      name: name('requests_total'),
      help: 'Requests, by address and status.',
      labelNames: ['route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: name('request_seconds'),
      help: 'Time of a request, its body included.',
      labelNames: ['route'],
      buckets: short,
      registers,
    });
    this.#decode = new Histogram({
      name: name('decode_seconds'),
      help: 'Time of decoding and resizing a photo.',
      buckets: short,
      registers,
    });
    this.#network = new Histogram({
      name: name('network_seconds'),
      help: 'Time of a photo in the network, waiting for a worker included.',
      labelNames: ['model'],
      buckets: short,
      registers,
    });
    this.#answers = new Counter({
      name: name('answers_total'),
      help: 'Answers, by label; unknown photos are a label of their own. Shares that change are drift.',
      labelNames: ['model', 'version', 'label'],
      registers,
    });
    this.#probability = new Histogram({
      name: name('probability'),
      help: 'Probability of the answer, of photos that are known.',
      labelNames: ['model'],
      buckets: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99],
      registers,
    });
    this.#failures = new Counter({
      name: name('photo_failures_total'),
      help: 'Photos that could not be used, by code.',
      labelNames: ['code'],
      registers,
    });
    const gauge = (end: string, help: string, value: () => number) =>
      new Gauge({
        name: name(end),
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    gauge('queue_waiting', 'Photos that wait for their turn.', () => queue.waiting);
    gauge('queue_running', 'Photos that are being answered.', () => queue.running);
    gauge('queue_slots', 'Photos that may be answered at once.', () => queue.slots);
  }

  request(route: string, status: number, seconds: number): void {
    this.#requests.inc({ route, status: String(status) });
    this.#seconds.observe({ route }, seconds);
  }

  decoded(seconds: number): void {
    this.#decode.observe(seconds);
  }

  answered(seconds: number, { model, version, label, labels, probability }: Counted): void {
    this.#network.observe({ model }, seconds);
    const isNamed = labels <= mostLabels || label === 'unknown' || label === 'none';
    this.#answers.inc({ model, version, label: isNamed ? label : 'other' });
    if (typeof probability === 'number') this.#probability.observe({ model }, probability);
  }

  failed(code: string): void {
    this.#failures.inc({ code });
  }

  /** In Prometheus's text format. */
  async text(): Promise<{ readonly type: string; readonly body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
