// The photo doctor: planted label errors, planted photos that hurt, planted shortcuts, and what it costs.
await import('./labelErrors.mjs');
await import('./labelNoise.mjs');
await import('./photoProblems.mjs');
await import('./shortcuts.mjs');
await import('./doctorSpeed.mjs');
