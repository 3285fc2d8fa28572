//go:build !unix

package workspace

import "os/exec"

// Without process groups and interrupts, os/exec kills a command when its context ends.

func group(*exec.Cmd) {}

func killGroup(*exec.Cmd) {}
