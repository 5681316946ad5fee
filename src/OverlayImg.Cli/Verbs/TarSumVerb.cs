using System.CommandLine;
using OverlayImg.Cli.Completion;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.TarSums;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg tarsum</c>: prints the TarSum v1 of a tar.</summary>
internal static class TarSumVerb
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE")
        {
            Description = "Uncompressed tar to read; - reads stdin.",
            DefaultValueFactory = _ => "-",
            Arity = ArgumentArity.ZeroOrOne
        }.CompletesFiles();
        var command = new Verb("tarsum",
            "Prints the TarSum v1 of a tar, docker's former checksum of layers: a hash of names, owners, modes and contents that " +
            "depends neither on the order of the entries nor on their times.")
        {
            Summary = "Prints the TarSum v1 of a tar, docker's former checksum.",
            Examples = """
              overlayimg tarsum layer/layer.tar
              tar -c . | overlayimg tarsum
            """,
        };
        command.Add(file);
        var maxSize = new MaxSizeOption();
        maxSize.AddTo(command);
        VerbRunner.Attach(command, new Rendering<string>(
            (writer, sum, warnings) =>
            {
                writer.WriteString("tarsum", sum);
                writer.WriteTexts("warnings", warnings);
            },
            (sum, _) => Listing.PrintAsync(sum + "\n")),
            (parsed, session) => Task.Run(
                () => Compute(parsed.GetValue(file)!, maxSize.Read(parsed), session.CancellationToken), session.CancellationToken));
        return command;
    }

    private static string Compute(string path, long maximumSize, CancellationToken cancellationToken)
    {
        if (path == "-")
        {
            using var standardInput = Console.OpenStandardInput();
            return TarSum.Compute(standardInput, new("stdin"), maximumSize, cancellationToken);
        }

        using var stream = InputFile.OpenSequential(path);
        return TarSum.Compute(stream, new(path), maximumSize, cancellationToken);
    }
}
