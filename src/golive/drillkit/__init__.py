"""What a drill sees: Drill, Params, Step, Check, Context and the registry."""
