using System.Text.RegularExpressions;

namespace OverlayImg.Tool.Tests.Docs;

/// <summary>A part of the documents' commands that the tests replace.</summary>
/// <param name="Shown">What the documents show.</param>
/// <param name="Pattern">Finds it in a command.</param>
/// <param name="Actual">What stands for it in the tests, made of the registry's address and the digest of its image.</param>
/// <param name="Reason">Why the tests don't run what the documents show.</param>
internal sealed record Substitution(string Shown, Regex Pattern, Func<DocumentRegistry, string> Actual, string Reason);

/// <summary>A command that the tests don't run.</summary>
/// <param name="Command">The whole command.</param>
/// <param name="Reason">Why not, and where else it is tested.</param>
internal sealed record NotRun(string Command, string Reason);

/// <summary>Every difference between what the documents show and what the tests run.</summary>
internal static partial class DocumentedCommands
{
    private const string OtherNetwork = "The tests use no network: a registry on this machine has a small image of this name.";

    private const string AptElsewhere = "The tests use no network. CacheMountTests runs tools/examples/apt-install with packages of this machine.";

    // Waits at most ten seconds for the server. The first empty line ends the headers of the response.
    private const string InContainer =
        """
        docker exec greeter bash -c 'for i in {1..100}; do { exec 3<>/dev/tcp/127.0.0.1/8080; } 2>/dev/null && break; sleep 0.1; done
        printf "GET / HTTP/1.0\r\n\r\n" >&3; sed "1,/^\r\$/d" <&3'
        """;

    // In this order: the digest belongs to the name before it.
    public static IReadOnlyList<Substitution> Substitutions { get; } =
    [
        new("docker.io/library/debian", DockerHubName, registry => $"{registry.Host}/library/debian", OtherNetwork),
        new("registry.example.org", ExampleRegistry, registry => registry.Host, OtherNetwork),
        new("sha256:DIGEST", DigestWord, registry => registry.Digest, "The digest is that of the image in the registry of the tests."),
        new("--publish 8080:8080", PublishedPort, _ => "--network none", "The docker daemon of the tests has no network."),
        new("curl -s --retry 5 --retry-connrefused localhost:8080", RequestToContainer, _ => InContainer,
            "The container of the tests has no port on this machine, so bash sends the request inside of the container."),
    ];

    public static IReadOnlyList<NotRun> NotRun { get; } =
    [
        new("./tools/pack", "The tests get the package that this command made."),
        new("./tools/quickstart", "It installs the tool for the user who runs it. The other commands of the README take the same steps."),
        new("./tools/test", "It runs this test."),
        new("./tools/test Ext4", "It builds and runs the tests."),
        new("tools/bench/run", "It takes many minutes."),
        new("tools/bench/run scripts", "It takes many minutes."),
        new("overlayimg root-layer --from base.tar --network --cache-mount apt:/var/cache/apt/archives --run-as-root apt.sh -o layer",
            AptElsewhere),
        new("overlayimg build --from base.tar --network --cache-mount apt:/var/cache/apt/archives --run-as-root packages.sh " +
            "--name curl --tag 1.0 -o curl.tar", AptElsewhere),
        new("overlayimg build --from docker://debian:12 --network --memory 1G --mount overlayimg_0.1.0_amd64.deb:/tmp/overlayimg.deb " +
            "--run 'apt-get update' --run 'apt-get install -y --no-install-recommends ca-certificates /tmp/overlayimg.deb' " +
            "--run 'rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb' -o docker://registry.example.org/ci/overlayimg:0.1.0", AptElsewhere),
        new("overlayimg root-layer --from base.tar --network --keep-script setup.sh -o layer",
            "A shell needs a terminal. ShellTests gives it one."),
        new("overlayimg pull debian:12 -o base.tar",
            "The tests use no network, and their registry has no complete Debian. README.md runs the command with another output."),
        new("overlayimg push greeter.tar registry.example.org/team/greeter:1.0",
            "To compress 163 MiB takes seconds. docs/registries.md pushes a small image."),
        new("sudo apt-get install qemu-system-x86", "It changes the machine; tools/test has installed QEMU."),
    ];

    /// <summary>Options of other programs that the documents name.</summary>
    public static IReadOnlySet<string> OptionsOfOthers { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        // Of nixpkgs' stream script: --repo_tag.
        "--repo",
    };

    // Docker Hub's image, and no other registry's image of this name.
    [GeneratedRegex(@"(?<=^|\s|docker://)(?:docker\.io/library/)?debian(?=[:@])")]
    private static partial Regex DockerHubName { get; }

    [GeneratedRegex(@"registry\.example\.org")]
    private static partial Regex ExampleRegistry { get; }

    [GeneratedRegex("sha256:DIGEST")]
    private static partial Regex DigestWord { get; }

    [GeneratedRegex("--publish 8080:8080")]
    private static partial Regex PublishedPort { get; }

    [GeneratedRegex("curl -s --retry 5 --retry-connrefused localhost:8080")]
    private static partial Regex RequestToContainer { get; }
}
