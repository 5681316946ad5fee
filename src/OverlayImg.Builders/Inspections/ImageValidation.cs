using OverlayImg.Images.Layouts;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Validation;

namespace OverlayImg.Builders.Inspections;

/// <summary>Checks image archives and layouts against the image specifications.</summary>
public static class ImageValidation
{
    /// <summary>Reads the whole archive or layout, and reports the rules that it breaks.</summary>
    /// <exception cref="InputException">The path does not exist, or is neither an archive nor a layout.</exception>
    /// <exception cref="MachineException">The host has no space for decompressed layers.</exception>
    public static async Task<ValidationReport> RunAsync(ImageLocation location, Session session)
    {
        if (location is RegistryLocation)
        {
            throw new InputException("is an image in a registry; only archives and layouts can be validated", new(location.Name))
            {
                Advice = "Write the image to a file first: 'overlayimg pull'.",
            };
        }

        var step = $"Validating {location.Name}";
        session.Step(step);
        if (location is LayoutLocation && !LayoutFiles.IsLayout(location.Name))
            throw new InputException("is no OCI layout: it has no index.json", new(location.Name));
        return await ImageValidator.RunAsync(
            location.Name, session.Scratch, total => new StepMeter(step, total, session.Progress), session.CancellationToken);
    }
}
