import pulumi
import pulumi_turso as turso

prod = turso.Group("prod",
    location="aws-us-east-1",
    delete_protection=True)
pulumi.export("name", prod.name)
