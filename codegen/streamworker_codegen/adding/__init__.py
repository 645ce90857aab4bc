"""What `streamworker add` writes: schemas, and lines of the pipeline file between those that are there."""
