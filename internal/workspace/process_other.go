//go:build !unix

package workspace

import "os/exec"

// Without process groups and interrupts, a command is killed when its context ends, which is what
// os/exec does by itself.

func group(*exec.Cmd) {}

func killGroup(*exec.Cmd) {}
