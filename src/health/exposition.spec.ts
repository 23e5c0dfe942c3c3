import { expose } from './exposition';

it('writes what Prometheus reads: help, type, and one line for each sample', () => {
  const text = expose([
    {
      name: 'wapas_events_total',
      type: 'counter',
      help: 'Events\nby \\name.',
      samples: [{ labels: { event: 'a"b\\c\nd' }, value: 3 }],
    },
    { name: 'wapas_empty', type: 'gauge', help: 'None.', samples: [] },
    {
      name: 'wapas_late_seconds',
      type: 'histogram',
      help: 'Late.',
      samples: [
        { of: 'bucket', labels: { le: 0.5 }, value: 1 },
        { of: 'bucket', labels: { le: '+Inf' }, value: 2 },
        { of: 'sum', value: 1e21 },
        { of: 'count', value: 2 },
      ],
    },
    { name: 'wapas_up', type: 'gauge', help: 'Up.', samples: [{ value: Infinity }, { value: NaN }] },
  ]);
  expect(text).toBe(`# HELP wapas_events_total Events\\nby \\\\name.
# TYPE wapas_events_total counter
wapas_events_total{event="a\\"b\\\\c\\nd"} 3
# HELP wapas_empty None.
# TYPE wapas_empty gauge
# HELP wapas_late_seconds Late.
# TYPE wapas_late_seconds histogram
wapas_late_seconds_bucket{le="0.5"} 1
wapas_late_seconds_bucket{le="+Inf"} 2
wapas_late_seconds_sum 1e+21
wapas_late_seconds_count 2
# HELP wapas_up Up.
# TYPE wapas_up gauge
wapas_up +Inf
wapas_up NaN
`);
});
