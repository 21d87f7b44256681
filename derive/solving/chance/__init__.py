"""Tasks of probability: expectations, events, inference, information, transformations, bounds. `dispatch.solve` takes a Reading."""
