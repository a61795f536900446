import pulumi
import pulumi_turso as turso

prod = turso.Group("prod", location="aws-us-east-1")
leak = turso.GroupTokenInvalidation("leak",
    group=prod.id,
    triggers={
        "leaked": "2026-11-20",
    })
api = turso.GroupToken("api",
    group=prod.id,
    keepers={
        "invalidated": leak.invalidated_at,
    })
