"""How AWS calls the functions: API Gateway or a direct invocation, queues, streams and webhooks."""
