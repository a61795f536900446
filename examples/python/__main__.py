import pulumi
import pulumi_turso as turso

config = pulumi.Config()
location = config.get("location") or "aws-us-east-1"

group = turso.Group("shop", location=location)

# The first `pulumi up` in the last 30 days of the token replaces it.
token = turso.GroupToken("api", group=group.id, expiration="90d", renew_before="30d")

pulumi.export("group", group.name)
# All locations: code → description.
pulumi.export("place", turso.get_locations().locations[location])
# A secret: run `pulumi stack output --show-secrets` to see it.
pulumi.export("jwt", token.jwt)
pulumi.export("expires", token.expires_at)
