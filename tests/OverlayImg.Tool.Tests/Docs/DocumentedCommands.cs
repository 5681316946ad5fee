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

    // In this order: the digest belongs to the name before it.
    public static IReadOnlyList<Substitution> Substitutions { get; } =
    [
        new("docker.io/library/debian", DockerHubName, registry => $"{registry.Host}/library/debian", OtherNetwork),
        new("registry.example.org", ExampleRegistry, registry => registry.Host, OtherNetwork),
        new("sha256:DIGEST", DigestWord, registry => registry.Digest, "The digest is that of the image in the registry of the tests."),
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
            "The tests use no network. CacheMountTests runs tools/examples/apt-install with packages of this machine."),
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
}
