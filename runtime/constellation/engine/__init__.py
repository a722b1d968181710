"""Running pipelines: plans of generated code, call options, scheduling, suspension, life cycle and events."""
