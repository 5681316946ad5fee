using System.CommandLine;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Cli.Options;
using OverlayImg.Layers.Pure;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg layer</c>: makes a layer from files of the host, as dockerTools' mkPureLayer does.</summary>
internal static class LayerVerb
{
    public static Command Create()
    {
        var output = new LayerOutputGroup();
        var from = new BaseImageGroup();
        var contents = new ContentsGroup();
        var owner = new OwnerGroup();
        var ready = new ReadyContentsGroup();
        var maxSize = new MaxSizeOption();
        var closure = ClosureOption.Create(
            "the store paths that contents, --base-json and the results of --extra-commands refer to, found by scanning");
        var extraCommands = ScriptOption.Create("--extra-commands",
            "Bash script to run in the root directory of the layer before the layer is packed; - reads it from stdin. It runs by bash -e " +
            "on the host, as the current user, on a copy of the contents. Its only environment variables are PATH and SOURCE_DATE_EPOCH.");
        var command = new Verb("layer", "Makes a layer from directories and tarballs, without a guest VM.")
        {
            Summary = "Makes a layer from directories and tarballs.",
            Examples = """
              overlayimg layer --contents ./rootfs -o layer
              overlayimg layer --from base.tar --contents ./rootfs -o layer
              overlayimg layer --from base.tar --copy ./app:/usr/local/bin/ --copy ./config:/etc/app:root:adm -o layer
              overlayimg layer --contents app.tar.gz --contents ./config --uid 1000 --gid 1000 -o layer
              echo 'mkdir -m 1777 tmp' | overlayimg layer --contents ./rootfs --fake-nss --extra-commands - -o layer
            """,
        };
        output.AddTo(command);
        from.AddTo(command);
        contents.AddTo(command);
        command.Add(OptionSection.Nix, closure);
        command.Add(OptionSection.Scripts, extraCommands);
        ready.AddTo(command);
        owner.AddTo(command);
        maxSize.AddTo(command);
        VerbRunner.Attach(command, Render.Layer, async (parsed, session) =>
        {
            Values.RequireOneReaderOfStdin(
                parsed.GetValue(extraCommands) == InputFile.StandardInput, parsed.GetValue(closure) == InputFile.StandardInput,
                from.ReadsStandardInput(parsed), contents.ReadsStandardInput(parsed));
            var (uid, gid) = owner.Read(parsed);
            var layer = new PureLayerOptions
            {
                Dialect = DialectChoice.OfLayer(contents.FollowsDirlinks(parsed), uid, gid),
                Contents = contents.Read(parsed),
                Uid = uid,
                Gid = gid,
                Ready = ready.Read(parsed),
                KeepExtendedAttributes = output.ExtendedAttributes(parsed),
                FileTime = SourceDateEpoch.Read(),
                MaximumSize = maxSize.Read(parsed),
            };
            var options = new PureLayerBuildOptions
            {
                OutputDirectory = output.OutputDirectory(parsed),
                From = from.Read(parsed),
                Layer = layer with { ExtraCommands = await parsed.ReadAsync(extraCommands, session.CancellationToken) },
                BaseJson = output.BaseJson(parsed),
                ClosureFile = parsed.GetValue(closure),
            };
            return await PureLayerBuild.RunAsync(options, session);
        });
        return command;
    }
}
