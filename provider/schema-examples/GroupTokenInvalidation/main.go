package main

import (
	"pulumi-turso/sdk/go/turso"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		prod, err := turso.NewGroup(ctx, "prod", &turso.GroupArgs{
			Location: pulumi.String("aws-us-east-1"),
		})
		if err != nil {
			return err
		}
		leak, err := turso.NewGroupTokenInvalidation(ctx, "leak", &turso.GroupTokenInvalidationArgs{
			Group: prod.ID().ToIDOutput().ToStringOutput(),
			Triggers: pulumi.Any(map[string]interface{}{
				"leaked": "2026-11-20",
			}),
		})
		if err != nil {
			return err
		}
		_, err = turso.NewGroupToken(ctx, "api", &turso.GroupTokenArgs{
			Group: prod.ID().ToIDOutput().ToStringOutput(),
			Keepers: pulumi.Map{
				"invalidated": leak.InvalidatedAt,
			},
		})
		if err != nil {
			return err
		}
		return nil
	})
}
