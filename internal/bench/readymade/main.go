// Command readymade is the provider with prepared responses. Its first read is that of the provider. It stores the bytes
// of the response in a file, and all later reads return these bytes. The variable LLMUSERS_READYMADE has the beginning of
// the file's path. A measurement of readymade shows the time that Terraform itself needs for a listing, which is the
// minimum for every provider.
package main

import (
	"context"
	"errors"
	"io/fs"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/provider"
)

func main() {
	provider.LimitMemory()
	err := tf6server.Serve("registry.terraform.io/seed-f6cb25c4/llmusers", func() tfprotov6.ProviderServer {
		return &server{provider.NewServer("readymade")(), os.Getenv("LLMUSERS_READYMADE")}
	})
	if err != nil {
		log.Fatal(err)
	}
}

// server is the provider's protocol server with prepared responses for the two calls that read.
type server struct {
	tfprotov6.ProviderServer
	path string
}

func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	ready, err := os.ReadFile(s.path + ".data")
	if !errors.Is(err, fs.ErrNotExist) {
		return &tfprotov6.ReadDataSourceResponse{State: &tfprotov6.DynamicValue{MsgPack: ready}}, err
	}
	resp, err := s.ProviderServer.ReadDataSource(ctx, req)
	if err == nil && len(resp.Diagnostics) == 0 {
		err = os.WriteFile(s.path+".data", resp.State.MsgPack, 0o600)
	}
	return resp, err
}

func (s *server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	ready, err := os.ReadFile(s.path + ".ephemeral")
	if !errors.Is(err, fs.ErrNotExist) {
		return &tfprotov6.OpenEphemeralResourceResponse{Result: &tfprotov6.DynamicValue{MsgPack: ready}}, err
	}
	resp, err := s.ProviderServer.OpenEphemeralResource(ctx, req)
	if err == nil && len(resp.Diagnostics) == 0 {
		err = os.WriteFile(s.path+".ephemeral", resp.Result.MsgPack, 0o600)
	}
	return resp, err
}
