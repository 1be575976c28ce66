"""Webhooks: a tenant's own servers are told what happens to its interviews (https://www.standardwebhooks.com).

The way of one event: `outbox` writes it down in the transaction that causes it; the `sender` makes deliveries of it,
one for each webhook that asked and for the interview's own `callback_url` (`callbacks`), and hands them one by one to
the `courier`, which signs and posts them to an address that `targets` allows. Delivery is at least once; the
`webhook-id` header stays the same when one is repeated.
"""
