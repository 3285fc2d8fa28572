//go:build unix

// Command meter runs a provider and measures its memory. The variable LLMUSERS_METERED has the path of the provider. When
// the provider ends, meter adds a line with its peak memory, in the system's unit, to the file in LLMUSERS_METER.
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"syscall"
)

func main() {
	cmd := exec.Command(os.Getenv("LLMUSERS_METERED"), os.Args[1:]...) //nolint:noctx // Terraform ends it.
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	runErr := cmd.Run()
	if cmd.ProcessState == nil {
		log.Fatal(runErr)
	}
	file, err := os.OpenFile(os.Getenv("LLMUSERS_METER"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		log.Fatal(err)
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		fmt.Fprintln(file, usage.Maxrss)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}
