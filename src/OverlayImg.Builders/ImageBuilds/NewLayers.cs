using OverlayImg.Builders.NewImages;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Ready;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders.ImageBuilds;

/// <summary>The new layers of an image: one layer, or a layer for the contents and one for each step.</summary>
internal static class NewLayers
{
    /// <summary>Makes the layers, bottom first. Each layer is verified, and is stored for later runs before the next one is made.</summary>
    public static async Task<IReadOnlyList<FinishedLayer>> MakeAsync(ImageBuildOptions options, LayerClosure closure, Session session)
    {
        if (!options.LayerPerStep) return [await FinishedLayer.MakeAsync(options, closure, null, session)];
        var made = new List<FinishedLayer>();
        LowerImage? lower = null;
        if (HasFiles(options, closure))
        {
            var contents = options with { Steps = [], ShadowSetup = false, ExtraCommands = null, Check = false };
            made.Add(await FinishedLayer.MakeAsync(contents, closure, null, session));
        }

        for (var index = 0; index < options.Steps.Count; index++)
        {
            if (made.Count > 0) lower = await ImageWithAsync(made[^1], options, session);
            made.Add(await StepAsync(options, index, lower, session));
        }

        return made;
    }

    /// <summary>The last guest that ran, with the time of all scripts; null if no guest was needed.</summary>
    public static GuestRun? RunOf(IReadOnlyList<FinishedLayer> layers)
    {
        var runs = layers.Select(layer => layer.Run).OfType<GuestRun>().ToArray();
        var last = runs.LastOrDefault(run => run.Start != GuestStart.None) ?? runs.LastOrDefault();
        return last is null ? null : last with { ScriptTime = runs.Aggregate(TimeSpan.Zero, (time, run) => time + run.ScriptTime) };
    }

    /// <summary>The entries of the layers in the image's history. Layers of steps have the script's name or its commands as a comment.</summary>
    public static IReadOnlyList<HistoryLayer> History(ImageBuildOptions options, IReadOnlyList<FinishedLayer> layers)
    {
        var comments = options.LayerPerStep ? options.Steps.Select(step => FailedCommand.OneLine(step.Name)).Reverse().ToArray() : [];
        return [.. layers.Select((layer, index) =>
            new HistoryLayer(layer.Packed.DiffId, "overlayimg build", comments.ElementAtOrDefault(layers.Count - 1 - index)))];
    }

    private static bool HasFiles(ImageBuildOptions options, LayerClosure closure) =>
        !options.Contents.IsEmpty || options.Ready != ReadyContents.None || closure.Database is not null || closure.Graph.Paths.Count > 0;

    // The files of the host are in a layer of their own, so that a later step does not run again when they change.
    private static async Task<FinishedLayer> StepAsync(ImageBuildOptions options, int index, LowerImage? lower, Session session)
    {
        var step = options with
        {
            Contents = LayerContents.None,
            Ready = ReadyContents.None,
            Steps = [options.Steps[index]],
            StepPart = new(index + 1, options.Steps.Count),
            ShadowSetup = options.ShadowSetup && index == 0,
            ExtraCommands = index == options.Steps.Count - 1 ? options.ExtraCommands : null,
        };
        var closure = new LayerClosure(LayerContents.None, session.CancellationToken);
        await Task.Run(closure.Open, session.CancellationToken);
        var layer = await FinishedLayer.MakeAsync(step, closure, lower, session);
        if (layer.Run?.Start == GuestStart.None)
            session.Step($"Reusing the layer of step {index + 1} of {options.Steps.Count}: {FailedCommand.OneLine(step.Steps[0].Name)}");
        return layer;
    }

    // Scripts see the variables of the base image's config, which the new config does not change.
    private static async Task<LowerImage> ImageWithAsync(FinishedLayer top, ImageBuildOptions options, Session session)
    {
        await top.VerifyAsync(session.CancellationToken);
        var config = new NewImageConfig(top.Base?.Image.Config, options with { Config = null, InheritConfig = true });
        var text = config.Full([new(top.Packed.DiffId, "overlayimg build", null)]);
        var layer = Layer.OfTar(top.Packed.Content, top.Packed.DiffId);
        return new(BaseImage.WithLayer(top.Base, ImageConfig.Parse(text, new(Path: "config")), layer), top.Base);
    }
}
