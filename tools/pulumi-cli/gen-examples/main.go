// Translates a YAML program that uses one package into the languages of its examples, as `pulumi convert` does, which
// needs the official download's language hosts for it. Fails where the program does not fit the schema.
//
//	gen-examples SCHEMA FOLDER...      a JSON object for each folder with a Pulumi.yaml: language → program
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/blang/semver"
	"github.com/hashicorp/hcl/v2"
	yaml "github.com/pulumi/pulumi-yaml/pkg/pulumiyaml/codegen"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// The file that each generator puts the program into.
var languages = map[string]struct {
	file     string
	generate func(*pcl.Program) (map[string][]byte, hcl.Diagnostics, error)
}{
	"typescript": {"index.ts", nodejs.GenerateProgram},
	"python":     {"__main__.py", python.GenerateProgram},
	"go":         {"main.go", gogen.GenerateProgram},
}

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("usage: gen-examples SCHEMA FOLDER..."))
	}
	only, err := load(os.Args[1])
	if err != nil {
		fail(err)
	}
	for _, folder := range os.Args[2:] {
		programs, err := translate(folder, only)
		if err != nil {
			fail(fmt.Errorf("%s: %w", folder, err))
		}
		if err := json.NewEncoder(os.Stdout).Encode(programs); err != nil {
			fail(err)
		}
	}
}

func translate(folder string, only *loader) (map[string]string, error) {
	programs := map[string]string{}
	for language, to := range languages {
		// A generator changes the program that it gets.
		_, program, err := yaml.Eject(folder, only)
		if err != nil {
			return nil, err
		}
		files, problems, err := to.generate(program)
		if err != nil {
			return nil, err
		}
		if problems.HasErrors() {
			return nil, problems
		}
		programs[language] = string(files[to.file])
	}
	return programs, nil
}

// Loads one package and no other.
type loader struct{ pkg *schema.Package }

func load(file string) (*loader, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	pkg, problems, err := schema.BindSpec(spec, &loader{}, schema.ValidationOptions{})
	if err != nil {
		return nil, err
	}
	if problems.HasErrors() {
		return nil, problems
	}
	return &loader{pkg}, nil
}

func (l *loader) LoadPackage(name string, _ *semver.Version) (*schema.Package, error) {
	if name == "pulumi" {
		return schema.DefaultPulumiPackage, nil
	}
	if l.pkg == nil || name != l.pkg.Name {
		return nil, fmt.Errorf("there is no package %s", name)
	}
	return l.pkg, nil
}

func (l *loader) LoadPackageV2(_ context.Context, d *schema.PackageDescriptor) (*schema.Package, error) {
	return l.LoadPackage(d.Name, d.Version)
}

func (l *loader) LoadPackageReference(name string, v *semver.Version) (schema.PackageReference, error) {
	pkg, err := l.LoadPackage(name, v)
	if err != nil {
		return nil, err
	}
	return pkg.Reference(), nil
}

func (l *loader) LoadPackageReferenceV2(
	_ context.Context, d *schema.PackageDescriptor,
) (schema.PackageReference, error) {
	return l.LoadPackageReference(d.Name, d.Version)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
