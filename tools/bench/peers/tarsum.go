// Prints the TarSum v1 of standard input with moby's own package, for comparison with "overlayimg tarsum".
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/docker/docker/pkg/tarsum"
)

func main() {
	sum, err := tarsum.NewTarSum(os.Stdin, true, tarsum.Version1)
	if err == nil {
		_, err = io.Copy(io.Discard, sum)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(sum.Sum(nil))
}
