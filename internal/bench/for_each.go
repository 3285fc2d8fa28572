//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

// firstPlans returns plans without a state, with a resource for each user: with users of the provider, and with the same
// users from a local file. The difference of the two is the cost of the provider.
func (b *bench) firstPlans() []*peer {
	return b.plans(false, fmt.Sprintf("Plan: %d to add, 0 to change, 0 to destroy.", b.server.users))
}

// secondPlans returns plans after an apply, without changes.
func (b *bench) secondPlans() []*peer { return b.plans(true, "No changes.") }

func (b *bench) plans(applied bool, want string) []*peer {
	folder, fileFolder := b.Path(b.folder, "for-each"), b.Path(b.folder, "for-each-file")
	plan := func(name, folder string, prepare func(context.Context) error) *peer {
		return &peer{
			name: name, server: b.server, ours: true,
			prepare: func(ctx context.Context) error {
				err := prepare(ctx)
				if err == nil && applied {
					_, err = workspace.Output(b.Terraform(ctx, folder, b.environ(), "apply", "-auto-approve", "-input=false", "-no-color"))
				}
				return err
			},
			run: func(ctx context.Context, _ bool) (sample, error) {
				s, printed, err := b.timed(b.Terraform(ctx, folder, b.environ(), "plan", "-input=false", "-no-color"))
				if err == nil && !strings.Contains(string(printed), want) {
					err = fmt.Errorf("the plan is not %q", want)
				}
				return s, err
			},
		}
	}
	return []*peer{
		plan("llmusers", folder, func(ctx context.Context) error { return b.prepare(ctx, folder, "for-each", version, b.environ()) }),
		plan("the same users in a file", fileFolder, func(ctx context.Context) error {
			if err := b.prepare(ctx, fileFolder, "for-each-file", "", b.environ()); err != nil {
				return err
			}
			return b.writeUsers(ctx, filepath.Join(fileFolder, "users.json"))
		}),
	}
}

// writeUsers writes the users that the provider returns to a file.
func (b *bench) writeUsers(ctx context.Context, file string) error {
	folder := file + ".d"
	if err := b.prepare(ctx, folder, "for-each", version, b.environ()); err != nil {
		return err
	}
	// A refresh reads the data source without creating resources.
	if _, err := workspace.Output(b.Terraform(ctx, folder, b.environ(), "apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color")); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(folder, "terraform.tfstate"))
	if err != nil {
		return err
	}
	var state struct {
		Resources []struct {
			Instances []struct {
				Attributes struct{ Users json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return err
	}
	return os.WriteFile(file, state.Resources[0].Instances[0].Attributes.Users, 0o600)
}
