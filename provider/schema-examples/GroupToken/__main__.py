import pulumi
import pulumi_turso as turso

prod = turso.Group("prod", location="aws-us-east-1")
api = turso.GroupToken("api",
    group=prod.id,
    expiration="90d",
    renew_before="30d")
pulumi.export("jwt", api.jwt)
