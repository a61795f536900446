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
		api, err := turso.NewGroupToken(ctx, "api", &turso.GroupTokenArgs{
			Group:       prod.ID().ToIDOutput().ToStringOutput(),
			Expiration:  pulumi.String("90d"),
			RenewBefore: pulumi.String("30d"),
		})
		if err != nil {
			return err
		}
		ctx.Export("jwt", api.Jwt)
		return nil
	})
}
