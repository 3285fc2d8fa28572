//go:build ignore

// The vendor's SDK in a loop, which writes the number of users. Its module is made when it is built,
// so that the provider's own does not have the SDK among its dependencies.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/openlayer-ai/openlayer-go"
)

func main() {
	client := openlayer.NewClient() // as OPENLAYER_API_KEY and OPENLAYER_BASE_URL say
	var users []openlayer.InferencePipelineGetUsersResponseItem
	for page := int64(1); ; page++ {
		answer, err := client.InferencePipelines.GetUsers(context.Background(), os.Getenv("TF_VAR_inference_pipeline_id"),
			openlayer.InferencePipelineGetUsersParams{Page: openlayer.F(page), PerPage: openlayer.F(int64(100))})
		if err != nil {
			log.Fatal(err)
		}
		if len(answer.Items) == 0 {
			break
		}
		users = append(users, answer.Items...)
	}
	fmt.Println(len(users))
}
