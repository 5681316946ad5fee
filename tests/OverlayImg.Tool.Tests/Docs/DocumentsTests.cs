using System.Text.Json;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Docs;

/// <summary>Nothing in the documents is untrue: their commands run, and print what the documents show.</summary>
public sealed class DocumentsTests(InstalledTool tool, DockerDaemon docker, DocumentRegistry registry) : IClassFixture<DocumentRegistry>, IDisposable
{
    private readonly DocumentRun _run = new(tool, docker, registry);

    public static TheoryData<string> Documents =>
        [.. MarkdownDocument.All().Where(document => document.Commands().Any(IsRun)).Select(document => document.Name)];

    public void Dispose() => _run.Dispose();

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_command_prints_what_its_document_shows(string document)
    {
        await _run.MakeFilesAsync();
        var differences = new List<string>();
        foreach (var command in MarkdownDocument.Read(document).Commands().Where(IsRun))
        {
            var (exitCode, output) = await _run.RunAsync(command.Text);
            if (exitCode == 0 && ShownOutput.Matches(command.Output, output)) continue;
            differences.Add($"""
                {document}:{command.Line}: $ {command.Text}
                exit code {exitCode}; the document shows:
                {string.Concat(command.Output.Select(line => ShownOutput.Mask(line) + "\n"))}the command prints:
                {ShownOutput.Normalise(output)}unmasked:
                {output}
                """);
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public async Task Every_field_of_JSON_is_in_the_reference()
    {
        await _run.MakeFilesAsync();
        string[] commands =
        [
            "layer --contents rootfs -o layer", "root-layer --from base.tar --run-as-root setup.sh -o layer",
            "build --contents rootfs --name a --tag 1 -o a.tar", "build --from a.tar --contents rootfs --name a --tag 2 -o b.tar",
            "build-layered --contents rootfs --name a --tag 3 --explain -o c.tar", "pull debian:12 -o d.tar", "copy a.tar oci:layout",
            "copy a.tar e.tar", "merge-images a.tar b.tar -o f.tar", "export a.tar -o a.ext4", "inspect f.tar", "diff a.tar b.tar",
            "validate a.tar", "merge rootfs -o g.tar", "merge --only-deps rootfs", "tarsum g.tar", "snippet", "snippet fake-nss",
            "cache ls", "cache prune", "cache path",
        ];
        var lines = MarkdownDocument.Read("docs/reference.md").Prose.SkipWhile(line => line != "## JSON").TakeWhile(line => line != "### Phases");
        var documented = lines.SelectMany(MarkdownDocument.CodeIn).ToHashSet(StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (var command in commands)
        {
            var (exitCode, output) = await _run.RunAsync($"overlayimg {command} -q --json");
            Assert.True(exitCode == 0, output);
            using var json = JsonDocument.Parse(output);
            missing.AddRange(FieldsOf(json.RootElement).Where(field => !documented.Contains(field)).Select(field => $"{command}: {field}"));
        }

        Assert.Empty(missing);
    }

    private static bool IsRun(ConsoleCommand command) => DocumentedCommands.NotRun.All(other => other.Command != command.Text);

    // Of objects whose fields are the image's own, or are described elsewhere, the name alone.
    private static IEnumerable<string> FieldsOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().SelectMany(FieldsOf),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member =>
            member.Name is "config" or "annotations" or "phases" or "snippets" ? [member.Name] : FieldsOf(member.Value).Prepend(member.Name)),
        _ => [],
    };
}
