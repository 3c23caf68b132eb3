"""The engine that moves a case from stage to stage. It knows nothing of licensing."""
