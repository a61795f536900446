package main

import (
	"pulumi-turso/sdk/go/turso"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		prod, err := turso.NewGroup(ctx, "prod", &turso.GroupArgs{
			Location:         pulumi.String("aws-us-east-1"),
			DeleteProtection: pulumi.Bool(true),
		})
		if err != nil {
			return err
		}
		ctx.Export("name", prod.Name)
		return nil
	})
}
