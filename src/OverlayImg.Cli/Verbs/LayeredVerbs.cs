using System.CommandLine;
using OverlayImg.Builders.LayeredImages;
using OverlayImg.Builders.LayeredImages.StreamConfs;
using OverlayImg.Builders.NewImages;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Cli.Options;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Verbs;

/// <summary>
/// <c>overlayimg build-layered</c> and <c>stream-layered</c>: build images as dockerTools' buildLayeredImage and streamLayeredImage do.
/// </summary>
internal static class LayeredVerbs
{
    /// <summary>Creates <c>build-layered</c>, which writes a file, a layout or an image in a registry.</summary>
    public static Command CreateBuild() => Create(streams: false, new("build-layered",
        "Builds an image with many layers, so that images can share layers: those of a base image, layers of Nix store paths or Debian packages, " +
        "and a customisation layer with the remaining files.")
    {
        Summary = "Builds an image of many layers that images can share.",
        Examples = """
          overlayimg build-layered --contents /nix/store/HASH-hello --closure closure.json --cmd /bin/hello --name hello --tag 1.0 -o hello.tar.gz
          overlayimg build-layered --contents ./rootfs --layering dpkg --explain --cmd /bin/bash --name debian --tag 12 -o debian.tar
          overlayimg build-layered --from base.tar --contents ./app --fake-root-commands owners.sh --name app --tag 1.0 -o app.tar
          overlayimg build-layered --spec image.json --layering popularity --format dockertools -o app.tar
        """,
    });

    /// <summary>Creates <c>stream-layered</c>, which writes to stdout.</summary>
    public static Command CreateStream() => Create(streams: true, new("stream-layered",
        "Builds an image with many layers, like build-layered, and writes the archive to stdout. Layers need no temporary files: " +
        "the files in them are read twice, to be hashed and to be written.")
    {
        Summary = "Writes the image of build-layered to stdout.",
        Examples = """
          overlayimg stream-layered --contents /nix/store/HASH-hello --closure closure.json --cmd /bin/hello --name hello --tag 1.0 | docker load
          overlayimg stream-layered --conf conf.json | podman load
          overlayimg stream-layered --conf conf.json --repo-tag team/app:2.0 | gzip > app.tar.gz
        """,
    });

    private static Verb Create(bool streams, Verb command)
    {
        var options = new LayeredImageGroup(streams);
        var schema = ImageVerb.SchemaOption();
        var explain = new Option<bool>("--explain")
        {
            Description = "Print which files are in which layer, and why, on stderr and in the JSON object.",
        };
        var conf = new StreamConfGroup(options.Output, explain);
        options.AddTo(command, schema);
        conf.AddTo(command);
        command.Add(OptionSection.Output, explain);
        ImageVerb.Attach(command, schema, SpecKind.LayeredImage, async (parsed, session) =>
        {
            var image = await BuildAsync(options, conf, parsed, session);
            return parsed.GetValue(explain) ? image : image with { Layers = [.. image.Layers.Select(layer => layer with { Explanation = null })] };
        });
        return command;
    }

    private static async Task<ImageBuildResult> BuildAsync(
        LayeredImageGroup options, StreamConfGroup conf, ParseResult parsed, Session session) =>
        conf.Read(parsed) is { } script
            ? await StreamConfBuild.RunAsync(script, session)
            : await LayeredImageBuild.RunAsync(await options.ReadAsync(parsed, session.CancellationToken), session);
}
