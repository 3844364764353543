//! Files and options for QEMU's `ipmi-bmc-sim` (QEMU's documentation of
//! `-device ipmi-bmc-sim`): all FRU images in one file, each of one size and at
//! the place of its id, and the records one after the other.

use ipmi::Bmc;

use super::Folder;
use crate::bmc::print;

/// Size of a FRU image when a smaller one would do.
const USUAL_AREA: usize = 1024;
/// Least and most record bytes that QEMU's repository holds.
const REPOSITORY: usize = 16 << 10;

pub(super) fn export(bmc: &Bmc, folder: &Folder) -> Result<(), String> {
    let (size, images) = images(bmc)?;
    let records = bmc.sdr.records.concat();
    if records.len() > REPOSITORY {
        return Err(format!("{} bytes of SDRs, of which QEMU takes {REPOSITORY}", records.len()));
    }
    let mut options = format!("ipmi-bmc-sim,id=bmc0{}", identity(bmc));
    if !images.is_empty() {
        let path = folder.write("fru.bin", &images)?;
        options.push_str(&format!(",fruareasize={size},frudatafile={}", quoted(&path.display().to_string())));
    }
    if !records.is_empty() {
        let path = folder.write("sdr.bin", &records)?;
        options.push_str(&format!(",sdrfile={}", quoted(&path.display().to_string())));
    }
    let interface = "isa-ipmi-kcs,bmc=bmc0";
    print(&format!("QEMU:\n  -device {options} \\\n  -device {interface}\n"));
    print(&format!(
        "Proxmox, in /etc/pve/qemu-server/VMID.conf:\nargs: -device {options} -device {interface}\n"
    ));
    Ok(())
}

/// A comma in an option's value is doubled.
fn quoted(value: &str) -> String {
    value.replace(',', ",,")
}

/// What Get Device ID and Get Device GUID answer, as properties.
fn identity(bmc: &Bmc) -> String {
    let byte = |at: usize| u32::from(bmc.device_id.get(at).copied().unwrap_or(0));
    let (id, revision, major, minor) = (byte(0), byte(1) & 0x0F, byte(2) & 0x7F, byte(3));
    let version = byte(4);
    let manufacturer = byte(6) | byte(7) << 8 | byte(8) << 16;
    let product = byte(9) | byte(10) << 8;
    let mut properties = format!(
        ",device_id={id},ipmi_version={version},device_rev={revision},fwrev1={major},fwrev2={minor},\
         mfg_id={manufacturer},product_id={product}"
    );
    if let Some(guid) = bmc.device_guid.or(bmc.system_guid) {
        properties.push_str(&format!(",guid={}", uuid(guid)));
    }
    properties
}

/// A GUID in the notation of UUIDs. QEMU answers the bytes in this order.
fn uuid(guid: [u8; 16]) -> String {
    let digits: Vec<String> = guid.iter().map(|byte| format!("{byte:02x}")).collect();
    [&digits[..4], &digits[4..6], &digits[6..8], &digits[8..10], &digits[10..]]
        .map(|part| part.concat())
        .join("-")
}

/// The size of each area, and all areas from id 0 to the last. Ids that are not
/// there get an empty one.
fn images(bmc: &Bmc) -> Result<(u16, Vec<u8>), String> {
    let longest = bmc.frus.values().map(Vec::len).max().unwrap_or(0);
    let size = longest.max(USUAL_AREA);
    let area = u16::try_from(size).map_err(|_| format!("a FRU of {longest} bytes: QEMU takes 65535"))?;
    let last = bmc.frus.keys().next_back().copied();
    let mut images = Vec::new();
    for id in last.into_iter().flat_map(|last| 0..=last) {
        images.extend(bmc.frus.get(&id).map_or(&[][..], Vec::as_slice));
        images.resize(size * (usize::from(id) + 1), 0);
    }
    Ok((area, images))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_stand_at_the_places_of_their_ids() {
        let mut bmc = Bmc::default();
        bmc.frus.insert(0, vec![1; 256]);
        bmc.frus.insert(2, vec![3; 1030]);
        let Ok((size, images)) = images(&bmc) else { panic!("no images") };
        assert_eq!((size, images.len()), (1030, 3 * 1030));
        assert_eq!((images[0], images[256], images[1030], images[2060]), (1, 0, 0, 3));
    }

    #[test]
    fn the_identity_becomes_properties() {
        let device_id = vec![0x20, 0x81, 3, 0x74, 0x02, 0xBF, 0xA2, 0x02, 0, 0x00, 0x01];
        let bmc = Bmc { device_id, device_guid: Some([0xAB; 16]), ..Bmc::default() };
        assert_eq!(
            identity(&bmc),
            ",device_id=32,ipmi_version=2,device_rev=1,fwrev1=3,fwrev2=116,mfg_id=674,product_id=256,\
             guid=abababab-abab-abab-abab-abababababab"
        );
        assert_eq!(quoted("/a,b"), "/a,,b");
    }
}
