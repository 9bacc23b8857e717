"""The outbox: facts go up from room to room, in order, exactly once per handler.

A room publishes with `from config.outbox import publishing as outbox` and `outbox.publish(OrderCompleted(...))`;
it listens with `subscriptions.subscribe(OrderCompleted, handlers.on_order_completed)` in its `AppConfig.ready()`.
"""
